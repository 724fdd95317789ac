"""How one number of the model is computed, as far as somebody has opened its steps."""

from __future__ import annotations

from app.shared.inside import ArithmeticRequest, ArithmeticResult, AttentionFields, StepFields
from app.worker.inside.moment import InspectedMoment
from microgpt.generators import drain
from microgpt.interpret.arithmetic import (
    Derivation,
    Quantity,
    Recording,
    Step,
    attention_heads,
    earlier_tokens,
)
from microgpt.interpret.recording import SUM_OF_PRODUCTS
from microgpt.scalar.operations import window_begin
from microgpt.settings import SettingError

QUANTITY_KINDS = ("probability", "logit", "loss", "score", "attention")
NUM_LARGEST = 5  # inputs of a step that are told at first, if there are more than one above it
MAX_TOLD_INPUTS = 100  # and at most
MAX_OPEN = 200  # steps


def arithmetic(moment: InspectedMoment, request: ArithmeticRequest) -> ArithmeticResult:
    """The steps of the computation that are open, and their inputs.

    Raises `SettingError` for a number that there is not.
    """
    config = moment.model.engine.config
    graph = moment.anatomy.graph
    attentions = [
        AttentionFields(name=name, heads=heads) for name, heads in attention_heads(graph).items()
    ]
    quantity = _quantity(moment, request, attentions)
    if len(request["open"]) > MAX_OPEN:
        raise SettingError(f"At most {MAX_OPEN} steps can be open: close some of them.")
    recording = Recording(
        config,
        moment.weights,
        moment.read,
        graph,
        earlier_tokens(graph, moment.activations),
    )
    steps = OpenSteps(drain(recording.derive(quantity)), request)
    return ArithmeticResult(
        steps=steps.told,
        token=quantity.token,
        attention=quantity.name,
        head=quantity.head,
        place=quantity.position,
        attentions=attentions,
    )


class OpenSteps:
    """The steps that are told: the number, and the inputs of every step that is open.

    Args:
        derivation: the computation.
        request: says which are open.
    """

    def __init__(self, derivation: Derivation, request: ArithmeticRequest) -> None:
        self._derivation = derivation
        self._open, self._whole = set(request["open"]), set(request["whole"])
        self.told: list[StepFields] = []
        self._tell("0", derivation.step(0))

    def _tell(self, path: str, step: Step) -> int:
        """Tell a step and, if it is open, its inputs; returns its index among those told."""
        place = len(self.told)
        inputs = self._inputs(step)
        fields = StepFields(
            path=path,
            name=step.name,
            operation=step.operation,
            constant=step.constant,
            value=step.value,
            gradient=step.gradient,
            source=step.source,
            count=len(inputs),
            inputs=[],
        )
        self.told.append(fields)
        if path in self._open:
            is_sum = step.operation in ("sum", SUM_OF_PRODUCTS)
            values = {index: abs(self._value(step, one)) for index, one in enumerate(inputs)}
            order = sorted(values, key=values.__getitem__, reverse=True) if is_sum else list(values)
            if len(order) > NUM_LARGEST + 1:
                order = order[: MAX_TOLD_INPUTS if path in self._whole else NUM_LARGEST]
            for index in order:
                told = self._tell(f"{path}.{index}", self._input(step, inputs[index]))
                fields["inputs"].append(told)
        return place

    def _inputs(self, step: Step) -> list[tuple[int, ...]]:
        """The inputs of a step, each as one index, or two where they are products."""
        if step.operation != SUM_OF_PRODUCTS:
            return [(place,) for place in step.inputs]
        return list(zip(step.inputs[::2], step.inputs[1::2], strict=True))

    def _value(self, step: Step, places: tuple[int, ...]) -> float:
        return self._input(step, places).value

    def _input(self, step: Step, places: tuple[int, ...]) -> Step:
        """An input of a step, which may be a product in a sum of products."""
        if len(places) == 1:
            return self._derivation.step(places[0])
        product = 1.0
        for place in places:
            product *= self._derivation.step(place).value
        return Step("", "*", None, product, step.gradient, step.source, places)


def _first_place(moment: InspectedMoment, attention: str) -> int:
    """The first place that the newest token reads in this attention."""
    for node in moment.anatomy.graph.nodes:
        if node.outputs[0].name == attention:
            return window_begin(moment.position + 1, node.parameters.get("window", 0))
    return 0


def _quantity(
    moment: InspectedMoment, request: ArithmeticRequest, attentions: list[AttentionFields]
) -> Quantity:
    """The number that was asked for, with defaults for what was left open."""
    kind, token, place = request["kind"], request["token"], request["place"]
    names = [attention["name"] for attention in attentions]
    name = request["attention"] or (names[0] if names else "")
    if token == -1:
        token = max(range(len(moment.logits)), key=moment.logits.__getitem__)
    if not _first_place(moment, name) <= place <= moment.position:
        place = moment.position
    if kind not in QUANTITY_KINDS or not 0 <= token < len(moment.logits):
        raise SettingError("The model has no such number.")
    if kind in QUANTITY_KINDS[3:] and (
        name not in names or not 0 <= request["head"] < attentions[names.index(name)]["heads"]
    ):
        raise SettingError("The model has no such head.")
    return Quantity(kind, token, name, request["head"], place)
