"""What is too like something else to be taught: a held-out item, a taught one, its own source."""

from lai.overlap.duplicates import Taught
from lai.overlap.held_out import HeldOut, Text
from lai.overlap.words import copied_share

__all__ = ["HeldOut", "Taught", "Text", "copied_share"]
