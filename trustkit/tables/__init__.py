"""Tables of several questions by several groups, as reports print them.

Modules
-------
banner
    Banner tables: questions in rows, groups in columns, with letters for the differences between columns.
banner_numbers
    The numbers of a banner's table: shares and means of each column, their bases and their letters.
cross_tables
    Two questions crossed: row, column or total percentages, with the test of association.
heads
    The columns of a banner: groups of one variable, nested, of several answers, or named conditions.
letters
    Which columns of a banner differ: tests with the covariance of the design, adjusted in each row.
questions
    The questions of a banner, and what each of them counts.
"""
