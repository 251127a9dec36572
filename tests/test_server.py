"""What the server sets on what it stands on: its socket, and Gradio's queue."""

import asyncio
import socket
from contextlib import closing

import gradio as gr
import pytest

from fakes import FakeSource
from policyqa.library import Library
from policyqa.web import ui
from policyqa.web.gate import Gate
from policyqa.web.server import listen


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_small_parts_of_an_answer_are_sent_at_once(host):
    async def option():
        accepted = asyncio.get_running_loop().create_future()

        def keep(_, writer):
            accepted.set_result(writer)

        listening = listen(host, 0)
        async with await asyncio.start_server(keep, sock=listening):
            _, client = await asyncio.open_connection(*listening.getsockname()[:2])
            writer = await accepted
            kept = writer.get_extra_info("socket")
            value = kept.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            writer.close()
            client.close()
        return value

    # Else a client that keeps its connection waits 40 ms for each answer (RFC 896, RFC 1122).
    assert asyncio.run(option()) == 1


def test_the_pages_queue_looks_less_often(juten_folder):
    # Should Gradio name it otherwise one day, setting it would do nothing.
    assert "sleep_when_free" in vars(gr.Blocks().queue()._queue)
    with closing(Library.open(juten_folder, FakeSource())) as library:
        assert ui.page(library, Gate())._queue.sleep_when_free == ui.LOOK_EVERY
