"""Where an explanation floats. Plain Python that MicroPython understands."""

TIP_MARGIN = 8.0  # pixels between an explanation and the edge of the window


def place_tip(
    box: tuple[float, float, float, float], size: tuple[float, float], window: tuple[float, float]
) -> tuple[float, float, float]:
    """Left, top and greatest height of what floats below a box, or above it for lack of room.

    All in pixels; it never covers the box, and stays within the window.

    Args:
        box: left, top, right and bottom of what it explains.
        size: width and height that it would like to have.
        window: width and height of the window.
    """
    left, top, _, bottom = box
    width, height = size
    first, last = TIP_MARGIN, window[1] - TIP_MARGIN
    above, below = min(top, last), max(bottom, first)
    x = max(TIP_MARGIN, min(left, window[0] - TIP_MARGIN - width))
    if below + height <= last or last - below >= above - first:
        return x, below, max(0.0, last - below)
    return x, max(first, above - height), max(0.0, above - first)
