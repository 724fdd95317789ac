// Lints the JavaScript and the style sheets: npx eslint .
import css from "@eslint/css";
import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["build/", "dist/", "node_modules/", ".venv*/"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["**/*.js", "**/*.mjs"],
    ...js.configs.recommended,
    rules: {
      ...js.configs.recommended.rules,
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  {
    files: ["static/**/*.js", "tests/browser/**/*.js"],
    languageOptions: { sourceType: "script", globals: globals.browser },
  },
  {
    files: ["static/service_worker.js"],
    languageOptions: {
      globals: {
        ...globals.serviceworker,
        RELEASE: "readonly",
        PAGE: "readonly",
        FOLDERS: "readonly",
      },
    },
  },
  { files: ["**/*.mjs"], languageOptions: { globals: globals.node } },
  {
    files: ["static/**/*.mjs", "tests/browser/**/*.mjs"],
    languageOptions: { globals: globals.worker },
  },
  {
    files: ["static/{page,band,past_curves,inside,editor,learn,store,database,offline,saving,lab}.mjs", "static/{pictures,lab}/*.mjs"],
    languageOptions: { globals: globals.browser },
  },
  {
    files: ["**/*.css"],
    plugins: { css },
    language: "css/css",
    ...css.configs.recommended,
    rules: {
      ...css.configs.recommended.rules,
      // A browser without these loses nothing that matters.
      "css/use-baseline": [
        "error",
        {
          allowProperties: [
            "resize",
            "accent-color",
            "scrollbar-color",
            "scrollbar-width",
            "forced-color-adjust",
          ],
        },
      ],
      // The custom properties are those of materials.css.
      "css/no-invalid-properties": ["error", { allowUnknownVariables: true }],
    },
  },
];
