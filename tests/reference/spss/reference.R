# What R's foreign package, which shares no code with pyreadstat, reads from a file that trustkit wrote.
# `trust.sav` was written by `make_sav.py`. Run as `Rscript reference.R` in this folder.
suppressMessages({library(foreign); library(jsonlite)})
found <- suppressWarnings(read.spss("trust.sav", use.value.labels = FALSE, use.missings = FALSE))
tables <- attr(found, "label.table")
labels <- lapply(tables[!sapply(tables, is.null)], function(table) as.list(setNames(names(table), trimws(table))))
missings <- attr(found, "missings")
missings <- missings[sapply(missings, function(one) one$type != "none")]
plain <- lapply(found, function(column) { attributes(column) <- NULL; if (is.character(column)) trimws(column) else column })
output <- list(data = plain, wording = as.list(attr(found, "variable.labels")), labels = labels, missing = missings)
write(toJSON(output, auto_unbox = TRUE, digits = NA, na = "null", pretty = TRUE), "foreign.json")
write(c(paste("R", getRversion()), paste("foreign", packageVersion("foreign")), paste("jsonlite", packageVersion("jsonlite"))), "versions.txt")
