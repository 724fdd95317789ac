"""A long visit of a busy user: does memory grow, and what is lost when workers die?"""
