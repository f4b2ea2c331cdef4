"""What all tests need of their process."""

import signal


def pytest_configure() -> None:
    """Take interrupts: a shell that starts the tests in the background has them ignored."""
    for number, handler in (
        (signal.SIGINT, signal.default_int_handler),
        (signal.SIGQUIT, signal.SIG_DFL),
    ):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)
