"""Tables of several questions by several groups, as reports print them.

Modules
-------
attack
    What an outsider can work out about hidden cells, by linear programs.
banner
    Banner tables: questions in rows, groups in columns, with letters for the differences between columns.
banner_bases
    What else the numbers of a banner tell: of nets beside their boxes, and of weighted bases.
banner_numbers
    The numbers of a banner's table: shares and means of each column, their bases and their letters.
banner_rows
    The rows of a banner's table: answers, nets and a statistic, and their estimates in each column.
cross_tables
    Two questions crossed: row, column or total percentages, with the test of association.
heads
    The columns of a banner: groups of one variable, nested, of several answers, or named conditions.
letters
    Which columns of a banner differ: tests with the covariance of the design, adjusted in each row.
marks
    What stands in place of numbers that are not published, and what is left out with them.
open_results
    Kinds of results without a ledger: those that are published all the same, and those that never are.
placed_cells
    What the numbers of tables are about: each a set of respondents, named by the conditions they meet.
protected
    Tables as they may be published, all of a report protected together, and the attack that proves it.
protection
    Which cells must not be published, and what is hidden with them.
questions
    The questions of a banner, and what each of them counts.
relations
    Which printed numbers add up to which, over all tables that are published together.
rest_columns
    Everybody else in a head: the respondents of all other columns, to compare each column with.
side_by_side
    Several banners of the same questions and columns side by side, such as with and without weights.
suppression
    Which cells to hide besides the small ones, at least cost.
"""
