"""Checking the shapes in annotations (`insm.support.shapes`) at run time."""

from beartype import BeartypeConf, beartype

checked = beartype(conf=BeartypeConf(is_pep484_tower=True))  # an int where a float is asked for is fine
