// An editor for Python, made of CodeMirror. The build makes one file of this module and all that it
// imports; the page fetches it when an editor is first wanted.
//
// CodeMirror writes its style sheet into a `style` element, which the page's policy forbids, unless
// it stands in a shadow root: there it adopts a sheet. So every editor has a shadow root.
import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab, isolateHistory } from "@codemirror/commands";
import { localCompletionSource, pythonLanguage } from "@codemirror/lang-python";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { unifiedMergeView } from "@codemirror/merge";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, Prec, StateEffect, StateField } from "@codemirror/state";
import { Decoration, dropCursor, EditorView, highlightActiveLine, highlightActiveLineGutter, hoverTooltip, keymap, lineNumbers, ViewPlugin, WidgetType } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import overlays from "./css/editor/tooltips.css";
import rules from "./css/editor/editor.css";

const NARROW = matchMedia("(max-width: 799px)"); // where long lines wrap
const MAC = /Mac|iPhone|iPad/.test(navigator.platform);
const COMMAND_KEY = MAC ? "Command" : "Ctrl";
const MEMBER = /\b([A-Za-z_]\w*)\.(\w*)/g;

const SHOWN_MARGIN = 80; // pixels between a line that is shown and the edge
const WRAPPED_INDENT = 2; // columns, of what a long line goes on with

const sheet = new CSSStyleSheet();
sheet.replaceSync(rules + overlays);

// ---- one line, highlighted ----------------------------------------------------------------------

const setHighlight = StateEffect.define(); // a position in the line; null: none
const highlighted = Decoration.line({ class: "cm-highlighted" });
const highlightField = StateField.define({
  create: () => Decoration.none,
  update(lines, { changes, effects, state }) {
    const newest = effects.findLast((effect) => effect.is(setHighlight));
    if (!newest) return lines.map(changes);
    if (newest.value === null) return Decoration.none;
    return Decoration.set([highlighted.range(state.doc.lineAt(newest.value).from)]);
  },
  provide: (field) => EditorView.decorations.from(field),
});

// ---- notes, each above a line -------------------------------------------------------------------

class NoteWidget extends WidgetType {
  constructor(title, words) {
    super();
    this.note = { title, words };
  }

  eq({ note }) {
    return note.title === this.note.title;
  }

  toDOM() {
    const element = document.createElement("div"); // without a margin, which would not be measured
    element.className = "note";
    const words = document.createElement("p");
    const title = document.createElement("strong");
    title.textContent = this.note.title;
    words.append(title, ` ${this.note.words}`);
    element.append(words);
    return element;
  }
}

// Where the note stands in a text, null where its line is gone.
const noteLine = ({ doc }, { anchor }) => {
  for (let number = 1; number <= doc.lines; number += 1)
    if (doc.line(number).text.startsWith(anchor)) return doc.line(number);
  return null;
};
const placeNotes = (state, notes) =>
  Decoration.set(
    notes.flatMap((note) => {
      const widget = new NoteWidget(note.title, note.words);
      const line = noteLine(state, note);
      return line ? [Decoration.widget({ widget, block: true, side: -1 }).range(line.from)] : [];
    }),
    true,
  );
const noteField = (notes) =>
  StateField.define({
    create: (state) => placeNotes(state, notes),
    update: (placed, { docChanged, state }) => (docChanged ? placeNotes(state, notes) : placed),
    provide: (field) => EditorView.decorations.from(field),
  });

// ---- names: completed after their dot, explained where the pointer rests ------------------------

// How a name is explained: its signature in code, then its text.
const explanation = ({ kind, name, detail, info }) => {
  const element = document.createElement("div");
  element.className = "explanation";
  const signature = document.createElement("code");
  signature.textContent = `${kind}.${name}${detail}`;
  const words = document.createElement("p");
  words.textContent = info;
  element.append(signature, words);
  return element;
};

const completeNames = (names) => (context) => {
  const typed = context.matchBefore(/\b[A-Za-z_]\w*\.\w*/);
  const [owner, begin] = typed?.text.split(".") ?? [];
  const options = names
    .filter(({ kind }) => kind === owner)
    .map((known) => ({
      label: known.name,
      detail: known.detail,
      type: known.detail ? "function" : "property",
      info: () => explanation(known),
    }));
  return options.length ? { from: context.pos - begin.length, options, validFor: /^\w*$/ } : null;
};

const explainNames = (names) =>
  hoverTooltip((view, position) => {
    const line = view.state.doc.lineAt(position);
    for (const { 0: text, 1: owner, 2: member, index } of line.text.matchAll(MEMBER)) {
      const [from, to] = [line.from + index, line.from + index + text.length];
      const known = names.find(({ kind, name }) => kind === owner && name === member);
      if (known && from <= position && position <= to)
        return { pos: from, end: to, above: true, create: () => ({ dom: explanation(known) }) };
    }
    return null;
  });

// ---- typing over a selection --------------------------------------------------------------------

// Where a browser itself puts a text in the place of a selection, it may give it a `style` that keeps
// its looks, which the page's policy forbids. So that is not left to the browser.
const typingOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { state } = view;
    const { from, to, empty } = state.selection.main;
    if (event.inputType !== "insertText" || event.data === null || empty || view.composing) return false;
    const change = state.replaceSelection(event.data);
    const insert = () => state.update(change, { userEvent: "input.type", scrollIntoView: true });
    const handlers = state.facet(EditorView.inputHandler);
    if (!handlers.some((handle) => handle(view, from, to, event.data, insert))) view.dispatch(insert());
    return true;
  },
});

// ---- long lines, where they wrap: what they go on with is indented as they are -------------------

const indented = (view) => {
  const lines = [];
  for (const { from, to } of view.visibleRanges) {
    for (let position = from; position <= to; ) {
      const line = view.state.doc.lineAt(position);
      const columns = line.text.search(/\S|$/) + WRAPPED_INDENT;
      const style = `padding-left: calc(${columns}ch + 6px); text-indent: -${columns}ch`;
      lines.push(Decoration.line({ attributes: { style } }).range(line.from));
      position = line.to + 1;
    }
  }
  return Decoration.set(lines);
};
const wrappedLines = [
  EditorView.lineWrapping,
  ViewPlugin.define(
    (view) => ({
      lines: indented(view),
      update({ docChanged, viewportChanged }) {
        if (docChanged || viewportChanged) this.lines = indented(view);
      },
    }),
    { decorations: (plugin) => plugin.lines },
  ),
];

// ---- the editor ---------------------------------------------------------------------------------

// What marks the difference to the text before it, and folds what is the same.
const comparison = (original) =>
  original === null
    ? []
    : unifiedMergeView({
        original,
        mergeControls: false,
        collapseUnchanged: { margin: 2, minSize: 5 },
      });

const keysLine = (root) => {
  const line = document.createElement("p");
  line.id = "keys";
  line.textContent = `${COMMAND_KEY} and Enter run it. Tab indents; Escape, then Tab, leaves the editor.`;
  root.append(line);
};

// Makes an editor in an element.
//   text: what it begins with
//   label: its accessible name
//   original: the text before it: what is new is marked, what is the same is folded; null: neither
//   names: [{kind, name, detail, info}], completed and explained after `kind` and a dot; `detail` is
//     the signature, "" for what is no function
//   notes: [{anchor, title, words}], each above the first line that begins with `anchor`
//   changed(text): it was edited, by the user or by `setText`
//   run(): Ctrl or Command and Enter
//   cursor(line): the cursor has come to another line; lines count from 1
export const createEditor = (parent, options) => {
  const { text, label, original = null, names = [], notes = [] } = options;
  const { changed = () => {}, run = () => {}, cursor = () => {} } = options;
  const host = document.createElement("div");
  host.className = "editor";
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet];
  const place = document.createElement("div");
  place.id = "editor";
  root.append(place);
  keysLine(root);
  parent.append(host);

  const compared = new Compartment();
  const wrapped = new Compartment();
  const wrapping = () => (NARROW.matches ? wrappedLines : []);
  const lineOf = (state) => state.doc.lineAt(state.selection.main.head).number;
  const runKey = {
    key: "Mod-Enter",
    run: () => {
      run();
      return true;
    },
  };
  const told = EditorView.updateListener.of(({ docChanged, state, startState }) => {
    if (docChanged) changed(state.doc.toString());
    if (lineOf(state) !== lineOf(startState)) cursor(lineOf(state));
  });
  const view = new EditorView({
    parent: place,
    root,
    state: EditorState.create({
      doc: text,
      extensions: [
        Prec.highest(keymap.of([runKey, { key: "Tab", run: acceptCompletion }])),
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap]),
        keymap.of([...historyKeymap, ...completionKeymap, indentWithTab]),
        EditorView.contentAttributes.of({ "aria-label": label, "aria-describedby": "keys", tabindex: "0" }),
        lineNumbers(),
        lintGutter(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        highlightField,
        noteField(notes),
        highlightSelectionMatches(),
        history(),
        search({ top: true }),
        dropCursor(),
        indentUnit.of("    "),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        typingOver,
        pythonLanguage,
        syntaxHighlighting(classHighlighter),
        autocompletion({ override: [completeNames(names), localCompletionSource] }),
        explainNames(names),
        compared.of(comparison(original)),
        wrapped.of(wrapping()),
        told,
      ],
    }),
  });
  const wrap = () => view.dispatch({ effects: wrapped.reconfigure(wrapping()) });
  NARROW.addEventListener("change", wrap);

  // The line with a number, or the nearest one there is.
  const lineAt = (number) => view.state.doc.line(Math.max(1, Math.min(number, view.state.doc.lines)));

  const show = (position) => {
    const effects = EditorView.scrollIntoView(position, { yMargin: SHOWN_MARGIN });
    view.dispatch({ effects });
  };

  return {
    text: () => view.state.doc.toString(),
    // Replaces what differs, as one step that can be undone, and scrolls there.
    setText(wanted) {
      const now = view.state.doc.toString();
      let from = 0;
      while (from < now.length && now[from] === wanted[from]) from += 1;
      let kept = 0; // at the end
      const most = Math.min(now.length, wanted.length) - from;
      while (kept < most && now.at(-1 - kept) === wanted.at(-1 - kept)) kept += 1;
      const changes = { from, to: now.length - kept, insert: wanted.slice(from, wanted.length - kept) };
      if (now === wanted) return;
      view.dispatch({ changes, annotations: isolateHistory.of("full") });
      show(from);
    },
    // Compares with another text; null: with none.
    setOriginal: (wanted) =>
      view.dispatch({ effects: compared.reconfigure(comparison(wanted ?? null)) }),
    // Marks a line as wrong, for the reason that the sentence says.
    mark(number, sentence) {
      const line = lineAt(number);
      const from = line.from + line.text.search(/\S|$/);
      const problem = { from, to: line.to, severity: "error", message: sentence };
      view.dispatch(setDiagnostics(view.state, [problem]));
    },
    clearMark: () => view.dispatch(setDiagnostics(view.state, [])),
    // Highlights a line; 0: none.
    highlight: (number) =>
      view.dispatch({ effects: setHighlight.of(number ? lineAt(number).from : null) }),
    // Scrolls to a line.
    show: (number) => show(lineAt(number).from),
    // Scrolls to a note, by its place in the list, where its line is still there.
    showNote(number) {
      const line = noteLine(view.state, notes[number]);
      if (!line) return;
      view.dispatch({ effects: EditorView.scrollIntoView(line.from, { y: "start", yMargin: 160 }) });
    },
    focus: () => view.focus(),
    destroy() {
      NARROW.removeEventListener("change", wrap);
      view.destroy();
      host.remove();
    },
  };
};
