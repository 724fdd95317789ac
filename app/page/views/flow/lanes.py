"""Where the steps of a picture stand: columns from left to right, lanes from top to bottom.

The first lane is the stream that everything is added to: from the result backward, at each sum the
input that was there first. What leaves it and comes back hangs below, a lane for each branch. Works
for any graph without cycles. Plain Python that MicroPython understands.
"""

from app.page.views.flow.steps import FlowStep


class Chain:
    """Steps one behind the other in one lane, and the columns that the lane is kept for.

    A chain without steps is the way of a line around others.
    """

    def __init__(self, steps: list[int], first: int, last: int) -> None:
        self.steps, self.first, self.last = steps, first, last
        self.lane = -1  # not known yet
        self.user = -1  # the last step that takes what comes out of it


class Lanes:
    """The columns and lanes of steps, which are written into them.

    Args:
        steps: in the order of computation.
    """

    def __init__(self, steps: list[FlowStep]) -> None:
        self.steps = steps
        self.users: list[list[int]] = [[] for _ in steps]
        for i, step in enumerate(steps):
            for source in step.inputs:
                self.users[source].append(i)
        self.output = len(steps) - 1
        self._set_columns()
        self.num_columns = max([step.column for step in steps]) + 1
        self.chain_of: list[Chain] = []  # of each step
        self.ways: dict[int, Chain] = {}  # around other steps, by the step that they come from
        self._lanes: list[list[Chain]] = []
        chains = self._chains()
        self._connect(chains)
        self._set_lanes(chains)
        self._span_lanes()

    @property
    def num_lanes(self) -> int:
        """How many lanes there are."""
        return len(self._lanes)

    def main(self, i: int) -> int:
        """The input that stands in one lane with step `i`, if one of them does; -1 for none."""
        step, steps = self.steps[i], self.steps
        if not step.inputs:
            return -1
        if step.sign != "+":
            return step.inputs[0]
        return min(step.inputs, key=lambda source: (steps[source].column, source))

    def between(self, source: int, target: int) -> Chain:
        """The chain in whose lane a line that does not begin or go on a chain gets to its target.

        It is that of its source, unless others stand behind that in the lane.
        """
        chain = self.chain_of[source]
        if chain.steps[-1] == source:
            return chain
        adjacent = self.steps[target].column == self.steps[source].column + 1
        return chain if adjacent else self.ways[source]

    # ---- columns ---------------------------------------------------------------------------------

    def _set_columns(self) -> None:
        """Each step stands as far right as it can before those that use it."""
        steps, behind = self.steps, [-1] * len(self.steps)
        behind[self.output] = 0
        for i in range(self.output, -1, -1):
            if behind[i] >= 0:
                for source in steps[i].inputs:
                    behind[source] = max(behind[source], behind[i] + 1)
        deepest = max(behind)
        for i, step in enumerate(steps):
            if behind[i] >= 0:
                step.column = deepest - behind[i]
            else:
                step.used = False
                step.column = max([steps[source].column + 1 for source in step.inputs] + [0])

    # ---- chains ----------------------------------------------------------------------------------

    def _chains(self) -> list[Chain]:
        """All chains, that of the stream first."""
        taken: list[Chain | None] = [None] * len(self.steps)
        chains = []
        backward = list(range(self.output, -1, -1))
        live = [i for i in backward if self.steps[i].used]
        for end in live + backward:
            members, i = [], end
            while i >= 0 and taken[i] is None:
                members.append(i)
                i = self.main(i)
            if members:
                members.reverse()
                first = self.steps[members[0]].column if i < 0 else self.steps[i].column + 1
                chain = Chain(members, first, self.steps[end].column)
                for member in members:
                    taken[member] = chain
                chains.append(chain)
        self.chain_of = [chain for chain in taken if chain is not None]
        return chains

    def _connect(self, chains: list[Chain]) -> None:
        """Keep the lanes as far as lines go, and make ways for those that others would block."""
        for i, step in enumerate(self.steps):
            for source in step.inputs:
                first = self.steps[source].column + 1
                is_last = self.chain_of[source].steps[-1] == source
                # What follows in the lane or begins its own needs nothing, nor what is beside it.
                if self.main(i) == source or (step.column == first and not is_last):
                    continue
                if not is_last and source not in self.ways:
                    self.ways[source] = Chain([], first, first)
                    chains.append(self.ways[source])
                chain = self.between(source, i)
                chain.last = max(chain.last, step.column)
                chain.user = i

    # ---- lanes -----------------------------------------------------------------------------------

    def _set_lanes(self, chains: list[Chain]) -> None:
        """Each chain below the one that it ends in, the shortest first."""
        ending: dict[int, list[Chain]] = {}  # by the first step of the chain that they end in
        for chain in chains:
            if chain.user >= 0:
                parent = self.chain_of[chain.user].steps[0]
                ending[parent] = ending.get(parent, []) + [chain]
        for chain in chains:
            if chain.user < 0:  # the stream, or what ends nowhere
                self._place(chain, 0 if self.output in chain.steps else 1, ending)

    def _place(self, chain: Chain, lane: int, ending: dict[int, list[Chain]]) -> None:
        while lane < len(self._lanes) and any(
            other.first <= chain.last and chain.first <= other.last for other in self._lanes[lane]
        ):
            lane += 1
        if lane == len(self._lanes):
            self._lanes.append([])
        self._lanes[lane].append(chain)
        chain.lane = lane
        for i in chain.steps:
            self.steps[i].lane = lane
        for other in sorted(ending.get(chain.steps[0], []) if chain.steps else [], key=self._rank):
            self._place(other, lane + 1, ending)

    def _rank(self, chain: Chain) -> tuple[int, int, int]:
        """Short ways around come first; of those to several inputs of a step, that to the first."""
        user = self.steps[chain.user]
        places = [
            place
            for place, source in enumerate(user.inputs)
            if self.main(chain.user) != source and self.between(source, chain.user) is chain
        ]
        return chain.last - chain.first, user.column, max(places + [-1])

    def _span_lanes(self) -> None:
        """A step with several inputs is as high as the lanes that they come in."""
        for i, step in enumerate(self.steps):
            if step.sign or len(step.inputs) < 2:
                continue
            coming = [self.between(source, i) for source in step.inputs if self.main(i) != source]
            last = max([chain.lane for chain in coming])
            between = [
                chain
                for lane in self._lanes[step.lane + 1 : last + 1]
                for chain in lane
                if chain.first <= step.column <= chain.last
            ]
            ending = [chain for chain in coming if self._ends_at(chain, step.column)]
            if last > step.lane and all(chain in ending for chain in between):
                step.lanes = last - step.lane + 1

    def _ends_at(self, chain: Chain, column: int) -> bool:
        """Whether a lane is kept up to a column, and only for a line that leads there."""
        leads = not chain.steps or self.steps[chain.steps[-1]].column < column
        return leads and chain.last == column
