"""The place Learn: six programs that grow into a GPT, and one number at a time."""
