"""How fast and how frugal PrintLab is, as ratios within one run; README.md says what each figure means."""
