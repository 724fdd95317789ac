"""Documents arranged as the rows that a pass works on.

A table holds the start of each document's tokens and, as one more entry, the end of the last one;
then the position from which on its predictions count, for each document (32 bits each); the tokens
follow, 16 bits each.
"""

from __future__ import annotations

from microgpt.wasm.assembler.function import Expression, Function, Local
from microgpt.wasm.compiler.kernels.kit import Kit
from microgpt.wasm.compiler.memory import ROW_ARRAYS


def write_rows(kit: Kit) -> None:
    """Write `fill_rows(first, taken, wanted, training)`, exported.

    Of the `wanted` documents from number `first` on it arranges those from the `taken`-th on, as
    many as there are rows for; it returns the new value of `taken` and stores the number of rows,
    and of those that count, in the control block. `training`: the documents are those of the
    training table, which starts again after its end, and each loss is weighted by its share of the
    mean; else they are held-out ones, and every token weighs 1. Those that do not count weigh 0.
    """
    _write_length(kit)
    _write_fill_document(kit)

    def body(f: Function, first: Local, taken: Local, wanted: Local, training: Local) -> None:
        table, documents = f.local("i32", "table"), f.local("i32", "documents")
        index, length = f.local("i32", "index"), f.local("i32", "length")
        rows, counted = f.local("i32", "rows"), f.local("i32", "counted")
        skipped, share = f.local("i32", "skipped"), f.local("f64", "share")
        table.set(kit.control(f, "held_out"))
        documents.set(kit.control(f, "held_out_count"))
        with f.if_(training):
            table.set(kit.control(f, "documents"))
            documents.set(kit.control(f, "document_count"))
        with f.block() as full, f.loop() as next_document:
            index.set((first + taken).to("rem_u", documents))
            length.set(f.call(kit.functions["length"], table, index))
            f.br_if(full, (rows + length).to("gt_s", kit.plan.rows.capacity))
            skipped.set(f.load("i32", table + (documents + 1 + index) * 4))
            share.set(1.0)
            with f.if_(training):
                share.set(share / f.op("f64.convert_i32_s", wanted * (length - skipped)))
            tokens = table + (documents * 2 + 1) * 4 + f.load("i32", table + index * 4) * 2
            f.emit(f.call(kit.functions["fill_document"], tokens, rows, length, skipped, share))
            rows.set(rows + length)
            counted.set(counted + length - skipped)
            taken.set(taken + 1)
            f.br_if(next_document, taken.to("lt_u", wanted))
        for name, value in (("rows", rows), ("counted_rows", counted)):
            f.store(f.constant("i32", kit.plan.control[name]), value)
        f.return_(taken)

    kit.function("fill_rows", ("first", "taken", "wanted", "training"), body, "i32", export=True)


def write_context(kit: Kit) -> None:
    """Write `read_on()`, exported: the forward pass over further tokens of a single document.

    The document begins at row 0; its tokens are in their row array, and how many rows are known and
    how many follow is in the control block. The function has no parameters, since converting them
    takes a host that is written in Python longer than everything else about a call.
    """

    def body(f: Function) -> None:
        known = f.let(kit.control(f, "known_rows"), "known")
        end = f.let(known + kit.control(f, "new_rows"), "end")
        row, place = f.let(known, "row"), f.local("i32", "place")
        values: dict[str, Expression] = {"position": row, "start": f.constant("i32", 0), "end": end}
        with f.counted_loop(row, end, 1):
            place.set(row * 8)
            for name, value in values.items():
                f.store(place, value, kit.plan.row_arrays[name])
        nodes = kit.plan.nodes["forward"]
        f.emit(f.call(kit.functions["forward"], known, end - known, 0, nodes))

    kit.function("read_on", (), body, export=True)


def _write_length(kit: Kit) -> None:
    """The number of predictions in a document: its tokens less one, at most the context length."""

    def body(f: Function, table: Local, index: Local) -> None:
        entry = f.let(table + index * 4)
        length = f.let(f.load("i32", entry, 4) - f.load("i32", entry) - 1)
        with f.if_(length.to("gt_s", kit.plan.rows.block_size)):
            length.set(kit.plan.rows.block_size)
        f.return_(length)

    kit.function("length", ("table", "index"), body, "i32")


def _write_fill_document(kit: Kit) -> None:
    """Write the rows of one document, from `row` on.

    Each row's loss weighs `share`, but those of the first `skipped` rows weigh 0.
    """
    integers = [(name, "i32") for name in ("token", "row", "length", "skipped")]
    f = kit.declare("fill_document", [*integers, ("share", "f64")])
    token, row, length, skipped, share = f.parameters
    begin, position, place = f.let(row, "begin"), f.local("i32", "position"), f.local("i32")
    values: dict[str, Expression] = {
        "token": f.load16(token),
        "target": f.load16(token, 2),
        "position": position,
        "start": begin,
        "end": begin + length,
        "share": share * f.op("f64.convert_i32_s", position.to("ge_s", skipped)),
    }
    with f.counted_loop(position, length, 1):
        place.set((begin + position) * 8)
        for name in ROW_ARRAYS:
            f.store(place, values[name], kit.plan.row_arrays[name])
        token.set(token + 2)
