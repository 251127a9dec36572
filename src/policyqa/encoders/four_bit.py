"""Weights that are 4-bit numbers already, kept as whole numbers in OpenVINO's model: exactly."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 32
"""Weights that share a scale, in Q4_0."""

Blocks = tuple[NDArray[np.int8], NDArray[np.float32]]
"""Numbers of -8 to 7, shape (blocks, 32), and scales, shape (blocks,): weight = number x scale."""


def blocks_of(table: NDArray[np.float32]) -> Blocks | None:
    """A table as Q4_0 blocks, None where that would change any weight."""
    if table.shape[1] % BLOCK:
        return None
    weights = table.reshape(-1, BLOCK)
    # Q4_0 gives the weight furthest from zero the number -8.
    furthest = np.abs(weights).argmax(axis=1)
    scales = weights[np.arange(len(weights)), furthest] / np.float32(-8)
    numbers = np.rint(weights / np.where(scales == 0, 1, scales)[:, None]).clip(-8, 7)
    if not np.array_equal(numbers * scales[:, None], weights):
        return None
    return numbers.astype(np.int8), scales


def shrink_tables(model: Any, openvino: Any) -> None:
    """Replace the tables of an openvino.Model that rows are looked up in, where that is exact."""
    _shrink(model, "Gather", openvino.Type.i4, openvino)


def shrink_layers(model: Any, openvino: Any) -> None:
    """Replace the weights that an openvino.Model multiplies by, where that is exact: OpenVINO then
    makes 8-bit numbers of what it multiplies them with, if it is told to.

    As 8-bit numbers, since 4-bit ones would be unpacked at every inference.
    """
    _shrink(model, "MatMul", openvino.Type.i8, openvino)


def _shrink(model: Any, user_type: str, number_type: Any, openvino: Any) -> None:
    for node in model.get_ordered_ops():
        users = [target for output in node.outputs() for target in output.get_target_inputs()]
        if node.get_type_name() != "Constant" or len(node.get_output_shape(0)) != 2:
            continue
        if {user.get_node().get_type_name() for user in users} != {user_type}:
            continue
        if blocks := blocks_of(np.asarray(node.data, np.float32)):
            weights = _weights(*blocks, list(node.get_output_shape(0)), number_type, openvino)
            for user in users:
                user.replace_source_output(weights.output(0))


def _weights(
    numbers: NDArray[np.int8],
    scales: NDArray[np.float32],
    shape: list[int],
    number_type: Any,
    openvino: Any,
) -> Any:
    ops = openvino.opset13
    blocks = [shape[0], shape[1] // BLOCK]
    tensor = openvino.Tensor(number_type, openvino.Shape([*blocks, BLOCK]))
    if number_type == openvino.Type.i4:
        numbers = (numbers[:, 0::2] & 0x0F) | (numbers[:, 1::2] << 4)
    # Two numbers to a byte look like bytes without a sign.
    tensor.data.reshape(-1)[:] = numbers.view(tensor.data.dtype).reshape(-1)
    weights = ops.convert(openvino.op.Constant(tensor), "f32")
    weights = ops.multiply(weights, ops.constant(scales.reshape(*blocks, 1)))
    return ops.reshape(weights, ops.constant(np.array(shape, np.int64)), special_zero=False)
