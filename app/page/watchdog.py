"""Whether the worker is alive: counts its silence, and says when to ping it and when it is dead.

A worker that ends, the browser reports at once (see `static/boot.js`). One that is caught in an
endless loop is only silent, as one is that has much to do on a slow machine. Plain Python that
MicroPython understands; it knows neither browser nor messages.
"""

TICK_SECONDS = 0.4  # between two looks
SILENCE_SECONDS = 2.8  # without any message before the worker counts as dead
BOOT_SECONDS = 120.0  # the same while it starts
MAX_SILENCE_SECONDS = 20.0  # however slow the machine is
# The longest piece of work, such as making a run of the largest model, takes about as long as the
# worker's start, and what has been slow once may be slower another time.
SILENCE_PER_BOOT = 1.5
SILENCE_PER_ANSWER = 3.0
ROUNDING_SECONDS = 1e-6  # seven times 0.4 is a little less than 2.8
ASLEEP_SECONDS = 5.0  # between two looks: the page itself was asleep


class Watchdog:
    """The watch over one worker after the other.

    Time counts only while the page is awake and in sight: a browser slows the timers of a page that
    is hidden, and stops both page and worker when the machine sleeps.
    """

    def __init__(self) -> None:
        self._boot_seconds = 0.0  # that the last worker took to start
        self._slowest_answer = 0.0  # of any worker, in seconds
        self.begin(0.0)

    def begin(self, now: float) -> None:
        """A worker starts; `now` in seconds."""
        self._began = now
        self._up = False
        self.limit = BOOT_SECONDS  # of silence, in seconds
        self._silent_seconds = 0.0  # since the last message
        self._pinged = False

    def on_ready(self, now: float) -> None:
        """The worker is up; `now` in seconds."""
        self._up = True
        self._boot_seconds = now - self._began
        self._set_limit()

    def hear(self) -> None:
        """A message has come from the worker."""
        answer = self._silent_seconds - TICK_SECONDS  # it is pinged after the first
        if self._up and answer > self._slowest_answer:
            self._slowest_answer = answer
            self._set_limit()
        self._silent_seconds = 0.0
        self._pinged = False

    def look(self, passed: float, hidden: bool) -> bool:
        """Look at the worker; returns whether it is dead.

        Args:
            passed: seconds since the look before.
            hidden: whether the page is.
        """
        if hidden or passed > ASLEEP_SECONDS:
            self._silent_seconds = 0.0
        else:
            # A look that comes late is one look: the page was busy, and messages may be waiting.
            self._silent_seconds += min(passed, TICK_SECONDS)
        return self._silent_seconds >= self.limit - ROUNDING_SECONDS

    def wants_ping(self) -> bool:
        """Whether to ping the worker now; it then counts as pinged until it is heard."""
        wanted = self._up and self._silent_seconds > 0 and not self._pinged
        self._pinged = self._pinged or wanted
        return wanted

    def _set_limit(self) -> None:
        allowed = max(
            SILENCE_SECONDS,
            SILENCE_PER_BOOT * self._boot_seconds,
            SILENCE_PER_ANSWER * self._slowest_answer,
        )
        self.limit = min(allowed, MAX_SILENCE_SECONDS)
