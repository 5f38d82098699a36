import asyncio
import threading

from pii_shield.proxy.http import outbox as module
from pii_shield.proxy.http.outbox import Item, Outbox


def run(work) -> object:  # type: ignore[no-untyped-def]
    return asyncio.run(asyncio.wait_for(work(), 20))


def test_what_a_thread_puts_comes_out_in_order_and_then_the_end() -> None:
    async def work() -> list[Item | None]:
        box = Outbox()

        def put() -> None:
            for number in range(50):
                box.put(b"%d" % number, is_last=number == 49)
            box.end()

        threading.Thread(target=put).start()
        return [await box.get() for _ in range(51)]

    items = run(work)
    assert [item.data for item in items[:-1]] == [b"%d" % n for n in range(50)]  # type: ignore[index,union-attr]
    assert items[49].is_last  # type: ignore[index]
    assert items[50] is None  # type: ignore[index]


def test_a_full_box_makes_its_sender_wait_until_something_is_taken() -> None:
    async def work() -> None:
        box = Outbox()
        done = threading.Event()

        def put() -> None:
            for _ in range(3):
                box.put(b"x" * module.MAX_WAITING)
            done.set()

        threading.Thread(target=put).start()
        await asyncio.sleep(0.2)
        assert not done.is_set()
        for _ in range(3):
            assert await box.get()
        await asyncio.to_thread(done.wait, 10)
        assert done.is_set()

    run(work)


def test_nobody_waits_for_a_box_that_was_ended() -> None:
    async def work() -> None:
        box = Outbox()
        box.put(b"x" * module.MAX_WAITING)
        waiting = asyncio.create_task(asyncio.to_thread(box.put, b"y"))
        await asyncio.sleep(0.1)
        box.end()
        assert await waiting is False
        assert box.put(b"z") is False
        first = await box.get()
        assert first is not None
        assert await box.get() is None

    run(work)


def test_a_cancelled_get_loses_nothing() -> None:
    async def work() -> None:
        box = Outbox()
        waiting = asyncio.create_task(box.get())
        await asyncio.sleep(0)
        waiting.cancel()
        box.put(b"x")
        assert await box.get() == Item(b"x", False)

    run(work)
