"""The pool: plain workers that train compiled models, fed by the worker that compiles them."""
