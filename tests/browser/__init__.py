"""The desk in a real Chromium: each role's day, bad input, and how every page looks."""
