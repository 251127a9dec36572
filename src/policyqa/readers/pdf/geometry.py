"""Rectangles on a page, in PDF points from the top left corner of the page as it is shown."""

from collections.abc import Iterable, Sequence

from policyqa.models import Box


def union(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds all of `boxes` (at least one)."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def width(box: Box) -> float:
    return box[2] - box[0]


def height(box: Box) -> float:
    return box[3] - box[1]


def middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def holds(outer: Box, inner: Box, slack: float = 0.0) -> bool:
    """Whether the middle of `inner` lies in `outer`, widened by `slack`."""
    x, y = middle(inner)
    return outer[0] - slack <= x <= outer[2] + slack and outer[1] - slack <= y <= outer[3] + slack


def touch(first: Box, second: Box, slack: float = 0.0) -> bool:
    """Whether two boxes overlap or come nearer than `slack`."""
    return (
        first[0] <= second[2] + slack
        and second[0] <= first[2] + slack
        and first[1] <= second[3] + slack
        and second[1] <= first[3] + slack
    )


def clusters(boxes: Sequence[Box], slack: float) -> list[list[int]]:
    """The indices of `boxes` that touch each other, directly or through others."""
    order = sorted(range(len(boxes)), key=lambda index: boxes[index][1])
    owner = list(range(len(boxes)))

    def root(index: int) -> int:
        while owner[index] != index:
            owner[index] = owner[owner[index]]
            index = owner[index]
        return index

    open_boxes: list[int] = []
    for index in order:
        top = boxes[index][1]
        open_boxes = [other for other in open_boxes if boxes[other][3] + slack >= top]
        for other in open_boxes:
            if touch(boxes[index], boxes[other], slack):
                owner[root(index)] = root(other)
        open_boxes.append(index)
    found: dict[int, list[int]] = {}
    for index in range(len(boxes)):
        found.setdefault(root(index), []).append(index)
    return list(found.values())
