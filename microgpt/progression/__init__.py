"""From counts to a GPT in six programs, each complete and each adding one thing."""
