"""What page and worker share: their messages, the presets, the experiment and its address.

Both sides import it, so it holds to what MicroPython knows, and it imports nothing but the core's
table of settings.
"""
