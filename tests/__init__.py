"""Tests, a folder for each room of `src/insm`."""

from pathlib import Path

ROOT = Path(__file__).parents[1]  # of the project
