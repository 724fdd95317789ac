"""The compiled engine: gpt() traced, differentiated and emitted as WebAssembly."""
