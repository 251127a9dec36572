"""How a page as it is shown is turned to be read."""

from dataclasses import dataclass

from policyqa.models import Box


@dataclass(frozen=True, slots=True)
class Turn:
    """How a page as it is shown is turned to be read, clockwise in degrees (0, 90, 180, 270), and
    its width and height as it is shown. Vertical writing is read like text turned by 90 degrees:
    on the page turned back, its lines run from the left to the right, one below the other."""

    degrees: int
    width: float
    height: float

    @property
    def size(self) -> tuple[float, float]:
        """The page's width and height as it is read."""
        upright = self.degrees in (0, 180)
        return (self.width, self.height) if upright else (self.height, self.width)

    def as_read(self, box: Box) -> Box:
        left, top, right, bottom = box
        if self.degrees == 90:
            return self.height - bottom, left, self.height - top, right
        if self.degrees == 180:
            return self.width - right, self.height - bottom, self.width - left, self.height - top
        if self.degrees == 270:
            return top, self.width - right, bottom, self.width - left
        return box

    def as_shown(self, box: Box) -> Box:
        """The reverse of `as_read`."""
        left, top, right, bottom = box
        if self.degrees == 90:
            return top, self.height - right, bottom, self.height - left
        if self.degrees == 180:
            return self.width - right, self.height - bottom, self.width - left, self.height - top
        if self.degrees == 270:
            return self.width - bottom, left, self.width - top, right
        return box
