"""The few things that every view does with the document."""

from pyscript import document


def find(name):
    """The element with this id."""
    return document.getElementById(name)


def make(tag, text="", kind=""):
    """A new element with a text (shown as it is, never as HTML) and a class."""
    element = document.createElement(tag)
    if kind:
        element.className = kind
    element.textContent = text
    return element


def listen(element, event, handler):
    """Call `handler(event)` whenever `event` happens on `element` or inside it."""
    element.addEventListener(event, handler)


def clear(element):
    """Take everything out of `element`."""
    element.textContent = ""


def notice(name, text):
    """Show a sentence in the notice with this id, or hide the notice if there is none."""
    element = find(name)
    if element.textContent != text:
        element.textContent = text
    element.hidden = not text
