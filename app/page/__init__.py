"""The page: MicroPython on the browser's main thread."""
