"""From a PDF page's coordinates to the page as it is shown, and from there to how it is read."""

from dataclasses import dataclass

import pypdfium2 as pdfium

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


class View:
    """From the file's coordinates to the page as it is shown: cropped, turned, y downwards."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        self._left, self._bottom, self._right, self._top = page.get_bbox()
        self.rotation = page.get_rotation()
        self.width, self.height = page.get_size()

    def point(self, x: float, y: float) -> tuple[float, float]:
        if self.rotation == 90:
            return y - self._bottom, x - self._left
        if self.rotation == 180:
            return self._right - x, y - self._bottom
        if self.rotation == 270:
            return self._top - y, self._right - x
        return x - self._left, self._top - y

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        if not self.rotation:
            return left - self._left, self._top - top, right - self._left, self._top - bottom
        x0, y0 = self.point(left, bottom)
        x1, y1 = self.point(right, top)
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)

    def shows(self, box: Box) -> bool:
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        return bool(0 <= x <= self.width and 0 <= y <= self.height)
