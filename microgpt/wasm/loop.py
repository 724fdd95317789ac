"""The training loop and the evaluation, inside the module.

A step takes its documents from memory, lays their positions out as rows, computes, and goes on to
the next, so that one call from Python can do thousands. Which documents, which learning rate: all
that follows from the number of the step, so that it does not matter in how many calls a run is cut.
"""

from __future__ import annotations

from microgpt.wasm.assembler import Expression, Function, Local
from microgpt.wasm.kernels.kit import Kit
from microgpt.wasm.memory import ROW_ARRAYS
from microgpt.wasm.numbers import Numbers

SETTLE_EVERY = 64  # steps between two times of setting tiny moments to 0


def write_loop(kit: Kit) -> None:
    """Write `train(first, count)` and `evaluate(first, count)`; both are exported.

    `train` does `count` steps from number `first` on, leaves their losses in memory and gives back
    how many went well: it ends before a step whose loss is no finite number. `evaluate` adds up the
    losses of all tokens of held-out documents (f64), and leaves in memory how many they are.
    """
    _write_power(kit)
    _write_prepare_step(kit)
    _write_length(kit)
    _write_load(kit)
    _write_train(kit)
    _write_evaluate(kit)


def _control(kit: Kit, f: Function, name: str, kind: str = "i32") -> Expression:
    return f.load(kind, f.constant("i32", kit.plan.control[name]))


def _write_power(kit: Kit) -> None:
    """base to the power of a whole number, by squaring: the same however a run is cut."""
    f = kit.declare("power", [("base", "f64"), ("exponent", "i32")], "f64")
    base, exponent = f.parameters
    result = f.keep(f.constant("f64", 1.0), "result")
    with f.loop() as again:
        with f.when(exponent.to("and", 1)):
            result.set(result * base)
        base.set(base * base)
        exponent.set(exponent.to("shr_u", 1))
        f.leave(again, exponent)
    f.give_back(result)


def _write_prepare_step(kit: Kit) -> None:
    """Put the constants of Adam for this step into memory, each in all lanes of a vector."""

    def body(f: Function, step: Local) -> None:
        numbers: Numbers = kit.numbers
        control = {
            name: f.keep(_control(kit, f, name, "f64"), name)
            for name in ("num_steps", "learning_rate", "beta1", "beta2", "eps")
        }
        one = f.constant("f64", 1.0)
        power = kit.made("power")
        correction1 = one - f.call(power, control["beta1"], step + 1)
        root2 = f.keep((one - f.call(power, control["beta2"], step + 1)).to("sqrt"))
        left = one - f.op("f64.convert_i32_s", step) / control["num_steps"]
        values = {
            "beta1": control["beta1"],
            "rest1": one - control["beta1"],
            "beta2": control["beta2"],
            "rest2": one - control["beta2"],
            "rate": control["learning_rate"] * left * root2 / correction1,
            "eps": control["eps"] * root2,
        }
        zero = f.constant("i32", 0)
        for name, address in kit.plan.step_vectors.items():
            f.store(zero, numbers.splat(f, values[name]), address)

    kit.function("prepare_step", ("step",), body)


def _write_length(kit: Kit) -> None:
    """How many predictions a document holds: one less than its tokens, at most the context's."""

    def body(f: Function, table: Local, index: Local) -> None:
        entry = f.keep(table + index * 4)
        length = f.keep(f.load("i32", entry, 4) - f.load("i32", entry) - 1)
        with f.when(length.to("gt_s", kit.plan.rows.block_size)):
            length.set(kit.plan.rows.block_size)
        f.give_back(length)

    kit.function("length", ("table", "index"), body, "i32")


def _write_load(kit: Kit) -> None:
    """Lay a document out as rows from `row` on; each row's loss counts for `share`.

    A table holds where each document's tokens begin, and one entry more for where the last one
    ends; the tokens follow, 16 bits each.
    """
    names = [("table", "i32"), ("entries", "i32"), ("index", "i32"), ("row", "i32")]
    f = kit.declare("load", [*names, ("length", "i32"), ("share", "f64")])
    table, entries, index, row, length, share = f.parameters
    start = f.load("i32", table + index * 4)
    token = f.keep(table + entries * 4 + start * 2, "token")
    begin, position = f.keep(row, "begin"), f.local("i32", "position")
    place = f.local("i32", "place")
    arrays = {name: kit.plan.row_arrays[name] for name in ROW_ARRAYS}
    with f.steps(position, length, 1):
        place.set(row * 8)
        f.store(place, f.load16(token), arrays["token"])
        f.store(place, f.load16(token, 2), arrays["target"])
        f.store(place, position, arrays["position"])
        f.store(place, begin, arrays["start"])
        f.store(place, begin + length, arrays["end"])
        f.store(place, share, arrays["share"])
        token.set(token + 2)
        row.set(row + 1)


def _write_train(kit: Kit) -> None:
    plan = kit.plan
    f = kit.declare("train", [("first", "i32"), ("count", "i32")], "i32", export=True)
    first, count = f.parameters
    table = f.keep(_control(kit, f, "documents"), "table")
    documents = f.keep(_control(kit, f, "document_count"), "documents")
    batch_size = f.keep(_control(kit, f, "batch_size"), "batch_size")
    step, stop = f.keep(first, "step"), f.keep(first + count, "stop")
    loss, part = f.local("f64", "loss"), f.local("f64", "part")
    taken, rows = f.local("i32", "taken"), f.local("i32", "rows")
    index, length = f.local("i32", "index"), f.local("i32", "length")
    with f.steps(step, stop, 1):
        f.do(f.call(kit.made("prepare_step"), step))
        loss.set(0.0)
        taken.set(0)
        with f.loop() as next_rows:
            rows.set(0)
            with f.block() as full, f.loop() as next_document:
                index.set((step * batch_size + taken).to("rem_u", documents))
                length.set(f.call(kit.made("length"), table, index))
                f.leave(full, (rows + length).to("gt_s", plan.rows.capacity))
                share = f.constant("f64", 1.0) / f.op("f64.convert_i32_s", batch_size * length)
                f.do(f.call(kit.made("load"), table, documents + 1, index, rows, length, share))
                rows.set(rows + length)
                taken.set(taken + 1)
                f.leave(next_document, taken.to("lt_u", batch_size))
            f.do(f.call(kit.made("forward"), f.constant("i32", 0), rows))
            part.set(f.call(kit.made("loss"), rows))
            with f.when((part - part).to("ne", 0.0)):  # infinite, or no number
                f.give_back(step - first)
            loss.set(loss + part)
            f.do(f.call(kit.made("backward"), rows))
            f.leave(next_rows, taken.to("lt_u", batch_size))
        f.do(f.call(kit.made("update")))
        f.store((step - first) * 8, loss, plan.losses)
        with f.when((step + 1).to("and", SETTLE_EVERY - 1).to("eqz")):
            f.do(f.call(kit.made("settle")))
    f.give_back(count)


def _write_evaluate(kit: Kit) -> None:
    plan = kit.plan
    f = kit.declare("evaluate", [("first", "i32"), ("count", "i32")], "f64", export=True)
    index, count = f.parameters
    table = f.keep(_control(kit, f, "held_out"), "table")
    documents = f.keep(_control(kit, f, "held_out_count"), "documents")
    stop = f.keep(index + count, "stop")
    seen, rows = f.local("i32", "seen"), f.local("i32", "rows")
    length, loss = f.local("i32", "length"), f.local("f64", "loss")
    with f.loop() as next_rows:
        rows.set(0)
        with f.block() as full, f.loop() as next_document:
            length.set(f.call(kit.made("length"), table, index))
            f.leave(full, (rows + length).to("gt_s", plan.rows.capacity))
            one = f.constant("f64", 1.0)
            f.do(f.call(kit.made("load"), table, documents + 1, index, rows, length, one))
            rows.set(rows + length)
            index.set(index + 1)
            f.leave(next_document, index.to("lt_u", stop))
        f.do(f.call(kit.made("forward"), f.constant("i32", 0), rows))
        loss.set(loss + f.call(kit.made("loss"), rows))
        seen.set(seen + rows)
        f.leave(next_rows, index.to("lt_u", stop))
    f.store(f.constant("i32", plan.control["tokens_seen"]), seen)
    f.give_back(loss)
