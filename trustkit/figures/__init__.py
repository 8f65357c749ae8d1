"""Charts and tables that carry the numbers they show.

Modules
-------
claim_figures
    Figures of published numbers beside what the data give.
data_figure
    Pictures: a figure that carries its numbers, the project's style, and how rows are named and sized.
data_table
    Frames shown as tables that a screen reader can read.
difference_figures
    Charts of differences: each group less everyone else, or any other differences.
distribution_figures
    Charts of how the answers to one item are distributed.
estimate_figures
    Figures of estimates: dots with intervals, bars of answers, funnels.
exclusion_figures
    Figures of cleaning: who was left out, by rule and by group, and what that did.
heat_tables
    A table of items and groups whose cells are coloured by their numbers.
house_style
    Colours, font and logo of charts, as a value.
lettering
    Text in charts: which font has a letter, how wide a line is, where it breaks.
page_svg
    A chart as SVG for web pages, light or dark as the page is.
paper
    What a chart is drawn on: rows, axes and a legend, placed by the measured size of their text.
row_labels
    How the rows of a figure are named, and what is said below it.
specification_figures
    The specification curve: a claim under every combination of choices.
strip_plots
    Charts of single numbers, such as the rates that companies published.
trends
    Charts of change over time.
weight_figures
    Figures of weighting: what it did to the margins of the sample.
"""
