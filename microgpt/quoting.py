"""Text as a part of an address, percent-encoded, and back. Plain Python: MicroPython reads it."""

HEX = "0123456789abcdefABCDEF"
SAFE = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"


def quote(text: str) -> str:
    """`text` with everything but letters, digits and `-._~` percent-encoded as UTF-8."""
    result = ""
    for byte in text.encode("utf-8"):
        result += chr(byte) if chr(byte) in SAFE else f"%{byte:02X}"
    return result


def unquote(text: str) -> str:
    """The text that `quote` made this of; what is not properly encoded stays as it is."""
    result = bytearray()
    i = 0
    while i < len(text):
        digits = text[i + 1 : i + 3]
        if text[i] == "%" and len(digits) == 2 and all(digit in HEX for digit in digits):
            result.append(int(digits, 16))
            i += 3
            continue
        result.extend(text[i].encode("utf-8"))
        i += 1
    try:
        return bytes(result).decode("utf-8")
    except UnicodeError:
        return text
