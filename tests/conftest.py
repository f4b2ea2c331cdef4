"""What all tests need of their process."""

import signal


def pytest_configure() -> None:
    """Take interrupts: a shell that starts the tests in the background has them ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
