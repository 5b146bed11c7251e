"""The one exception for mistakes that a person can mend: shown as a single line, without a traceback."""


class UserError(Exception):
    """What is wrong, where (file, key), and the cure, in one line."""
