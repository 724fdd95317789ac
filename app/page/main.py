"""The page's entry: makes its controllers, and the one table of which takes which message."""

from pyscript import document, window

from app.page.aliases import JsProxy
from app.page.branches import BranchToken
from app.page.brought_controller import BroughtController
from app.page.code_check import CodeCheck
from app.page.code_controller import CodeController
from app.page.data_controller import DataController
from app.page.errors import guarded, spawn
from app.page.failed_commands import FailedCommands
from app.page.generation_controller import GenerationController
from app.page.inside_controller import InsideController
from app.page.keeping.keeper import Keeper
from app.page.lab_controller import LabController
from app.page.learn_controller import LearnController
from app.page.link import Link
from app.page.model_controller import ModelController
from app.page.models_controller import ModelsController
from app.page.own_data import OwnData
from app.page.past_runs import PastRuns
from app.page.places_controller import PlacesController
from app.page.run_controller import RunController
from app.page.run_panels import RunPanels
from app.page.saved_files import SavedFiles
from app.page.setup_controller import SetupController
from app.page.share_controller import ShareController
from app.page.shortcuts import Shortcuts
from app.page.succession import Succession
from app.page.switched_off import SwitchedOff
from app.page.views.dom import find, mark_ready
from app.page.views.folds import FoldsView
from app.page.views.toolbars import ToolbarsView
from app.page.vocabulary import Vocabulary
from app.page.workplace import Workplace
from app.shared.events import BootEvent, Event, EventHandlers, ModelEvent, OutlineEvent, ReadyEvent
from app.shared.experiment import Experiment
from app.shared.typed import Any


class Page:
    """The controllers of the page, and what passes between them."""

    def __init__(self) -> None:
        experiment = Experiment()
        vocabulary = Vocabulary(int(document.body.dataset.vocabulary) - 1)  # of the default data
        self._link = Link(self._receive, self._worker_died)
        self._check = CodeCheck(experiment)
        own = OwnData()
        self._keeper = Keeper(
            experiment, own, lambda: self._run.current, lambda: self._generation.document
        )
        self._data = DataController(
            *(experiment, vocabulary, self._link, own),
            self._data_chosen,
            self._data_reverted,
            self._data_picked,
            self._data_filtered,
            self._data_loaded,
        )
        self._model = ModelController(experiment, vocabulary, self._link, self._check)
        self._setup = SetupController(
            *(experiment, vocabulary, self._model, self._data, self._link),
            self._setting_changed,
            self._vocabulary_changed,
            self._show_address_problems,
            self._address_read,
        )
        self._switched_off = SwitchedOff(self._link)
        self._inside = InsideController(
            experiment,
            self._link,
            self._switched_off,
            self._setup.views_changed,
            self._move,
            self._visit,
            self._replay_branch,
        )
        self._run = RunController(
            experiment,
            vocabulary,
            self._data,
            self._link,
            self._check,
            PastRuns(own),
            self._model_reset,
            self._model_moved,
            self._run_changed,
        )
        self._code = CodeController(
            experiment,
            self._link,
            self._check,
            self._setup.views_changed,
            self._code_edited,
            self._run.train_anew,
            self._model.mark_line,
        )
        self._model.on_press(self._code.press_line)
        self._generation = GenerationController(
            experiment,
            self._link,
            self._setup.set_prefix,
            self._setup.show_moment,
            lambda: self._data.summary.first_document,
            self._inside.take_text,
            self._text_changed,
        )
        workplace = Workplace(
            experiment,
            own,
            self._link,
            self._keeper,
            self._data,
            self._setup,
            self._code,
            self._run,
            self._generation,
        )
        self._places = PlacesController(experiment, self._setup.place_changed)
        self._lab = LabController(workplace, self._places)
        LearnController(experiment, self._places, lambda: self._data.source)
        self._succession = Succession(workplace, self._model, self._inside)
        self._models = ModelsController(workplace)
        self._share = ShareController(workplace)
        self._panels = RunPanels(workplace, self._keeper.run_changed)
        self._brought = BroughtController(workplace)
        failed = FailedCommands(
            *(workplace, self._model, self._switched_off, self._inside),
            *(self._share, self._models, self._lab),
        )
        SavedFiles(workplace)
        FoldsView()
        ToolbarsView()
        Shortcuts()
        self._handlers: EventHandlers = {
            "boot": self._on_boot,
            "ready": self._on_ready,
            "pong": lambda message: None,  # a sign of life: the link has seen it
            "fatal": lambda message: self._link.on_fatal(message["message"]),
            "error": failed.on_error,
            "loading_progress": self._data.on_loading_progress,
            "data_loaded": self._data.on_data_loaded,
            "data_refused": self._data.on_data_refused,
            "merges": self._setup.on_merges,
            "token_lengths": self._setup.on_token_lengths,
            "step_time": self._panels.on_step_time,
            "outline": self._on_outline,
            "started": self._run.on_started,
            "run_state": self._run.on_run_state,
            "progress": self._run.on_progress,
            "live_sample": self._run.on_live_sample,
            "baselines": self._panels.meaning.on_baselines,
            "samples_verdict": self._panels.meaning.on_samples_verdict,
            "nearest_lines": self._panels.meaning.on_nearest_lines,
            "diagnostics": self._panels.closer.on_diagnostics,
            "checkpoint": self._run.on_checkpoint,
            "segment": self._run.steering.on_segment,
            "kept": self._run.steering.on_kept,
            "rewound": self._run.steering.on_rewound,
            "step_documents": self._run.steering.on_step_documents,
            "seeds": self._panels.seeds.on_seeds,
            "spread": self._panels.seeds.on_spread,
            "lab_data_ready": self._lab.on_data_ready,
            "swept": self._lab.on_swept,
            "sweep_file": self._lab.on_file,
            "stopped": self._run.steering.on_stopped,
            "model": self._on_model,
            "packed_model": self._share.on_packed_model,
            "model_read": self._models.on_model_read,
            "exported_model": self._models.on_exported_model,
            "exploration": self._generation.on_exploration,
            "inspection": self._inside.on_inspection,
            "ablation": self._switched_off.on_ablation,
            "scores": self._inside.on_scores,
            "glimpsed": self._panels.past.on_glimpsed,
            "samples": self._generation.on_samples,
        }

    def open(self) -> None:
        """Show what the address says, and do what was done before Python was here."""
        self._link.open()
        spawn(self._begin())

    async def _begin(self) -> None:
        await self._keeper.recall()
        await self._data.recall()
        if self._keeper.code is not None:
            self._code.take_over(self._keeper.code)
        self._setup.read_address()
        window.microgpt.edit()
        if self._keeper.text is not None:
            self._generation.restore_text(self._keeper.text)
        spawn(self._replay(window.microgpt.clicks()))
        if self._keeper.run is not None:
            spawn(self._run.comeback.restore(self._keeper.run))
        mark_ready("page")
        spawn(self._panels.past.recall())

    async def _replay(self, clicked: JsProxy) -> None:
        """Press the buttons that were pressed before Python was here."""
        await self._brought.take()
        run = self._keeper.run
        # With edited code, a model's file may say less than the run's own code does.
        if run is not None and (run.only_model or not run.code):
            await self._generation.load_model(run.checkpoint, run.opened)
        else:
            await self._generation.load_model()
        for i in range(clicked.length):
            clicked[i].click()

    # ---- what passes between the controllers -----------------------------------------------------

    def _setting_changed(self, name: str) -> None:
        self._panels.setting_changed(name)  # first: the worker computes meanwhile
        self._data.setting_changed(name)
        self._run.setting_changed(name)
        self._generation.setting_changed(name)
        self._keeper.session_changed()
        self._panels.meaning.next_changed()

    def _data_chosen(self) -> None:
        self._setup.data_chosen()
        self._keeper.session_changed()

    def _data_reverted(self) -> None:
        self._setup.data_reverted()

    def _data_picked(self) -> None:
        self._setup.data_picked()

    def _data_filtered(self) -> None:
        self._setup.data_filtered()

    def _data_loaded(self) -> None:
        self._setup.data_changed()
        self._run.data_changed()
        self._panels.data_changed()

    def _vocabulary_changed(self) -> None:
        self._run.model_known()
        self._panels.meaning.next_changed()

    def _model_reset(self) -> None:
        """The run's model is given up: write with the one that comes with the page again."""
        spawn(self._generation.load_model())

    def _model_moved(self) -> None:
        self._generation.write_again()

    def _move(self, place: int) -> None:
        self._generation.move(place)

    def _visit(self, node: BranchToken) -> None:
        self._generation.visit(node)

    def _replay_branch(self) -> None:
        self._generation.replay()

    def _address_read(self) -> None:
        self._inside.show()
        self._places.show()
        self._code.show()
        self._brought.show()

    def _run_changed(self) -> None:
        self._keeper.run_changed()
        self._brought.run_changed()
        self._panels.run_changed()

    def _text_changed(self) -> None:
        self._keeper.session_changed()
        self._brought.text_changed()
        self._panels.past.text_changed()

    def _code_edited(self) -> None:
        self._run.show_error("")
        self._brought.code_changed()
        self._setup.code_changed()
        self._run.setting_changed("code")
        self._panels.live.changed()
        self._keeper.session_changed()

    def _show_address_problems(self, text: str) -> None:
        self._run.show_error(text, stays=True)

    # ---- the worker ------------------------------------------------------------------------------

    def _receive(self, message: Event) -> None:
        """Pass an event to its handler."""
        handler: Any = self._handlers.get(message["type"])
        if handler is None:
            raise ValueError(f"there is no event '{message['type']}'")
        handler(message)

    def _on_boot(self, message: BootEvent) -> None:
        self._link.on_boot()
        stage = f"{message['stage']} of {message['of']}"
        find("python-state").textContent = f"Starting Python, {stage}: {message['what']}"

    def _on_ready(self, message: ReadyEvent) -> None:
        self._link.on_ready()
        self._run.set_compiles(message["compiles"])
        find("python-state").textContent = f"Python {message['python']} is ready"
        self._succession.worker_ready()
        self._panels.worker_ready()
        mark_ready("worker")
        window.microgpt.keepSite()

    def _on_outline(self, message: OutlineEvent) -> None:
        self._model.on_outline(message)
        self._code.show_check()
        self._run.model_known()

    def _on_model(self, message: ModelEvent) -> None:
        self._switched_off.on_model(message)  # first, so that what is off is never shown
        self._inside.on_model(message)
        self._generation.on_model(message)

    def _worker_died(self, reason: str) -> None:
        self._succession.worker_died(reason)
        self._lab.worker_died()
        self._models.lose_worker()


page = Page()
guarded(page.open)()
