"""Rankers over the rows of a library, and their fusion."""

import numpy as np
from numpy.typing import NDArray

Hit = tuple[int, float]
"""A row of the library and the score a ranker gave it."""

Mask = NDArray[np.bool_]
"""For each row of the library whether it may be returned."""
