# Writes small files of R in every compression, version and form, and what R itself says of their cells.
# Run in a UTF-8 locale from this folder: Rscript reference.R
labelled <- function(x, class = "haven_labelled", ...) {
  structure(x, class = c(class, "vctrs_vctr", typeof(x)), ...)
}
answers <- data.frame(
  id = 1:5,
  brand = factor(c("B", "A", NA, "B", "C"), levels = c("C", "B", "A", "D")),
  agree = factor(c("low", "high", "mid", NA, "low"), levels = c("low", "mid", "high"), ordered = TRUE),
  day = as.Date(c("2026-01-31", NA, "1969-12-31", "2024-02-29", "2000-01-01")),
  moment = as.POSIXct(c("2026-07-01 12:30:00", NA, "2026-01-01 00:00:00", "1970-01-01 00:00:00",
    "2026-07-01 23:59:59"), tz = "Europe/Vienna"),
  consent = c(TRUE, FALSE, NA, TRUE, TRUE),
  count = c(1L, NA, 3L, -4L, 2147483647L),
  amount = c(0.5, NA, NaN, 1e300, -2),
  words = c("Gr\u00fcn", NA, "", "NA", "\u62d2\u7b54"),
  stringsAsFactors = FALSE
)
answers$trust <- labelled(c(1, 2, 9, NA, 3), "haven_labelled_spss",
  label = "Do you trust brands?", labels = c(No = 1, Unsure = 2, Yes = 3, Refused = 9), na_values = 9
)
answers$income <- labelled(c(10, 20, 998, 999, NA), "haven_labelled_spss",
  label = "Income", na_range = c(990, 999)
)
attr(answers$count, "label") <- "How many brands?"
saveRDS(answers, "gzip3.rds", version = 3)
saveRDS(answers, "gzip2.rds", version = 2)
saveRDS(answers, "bzip2.rds", compress = "bzip2")
saveRDS(answers, "xz.rds", compress = "xz")
saveRDS(answers, "plain.rds", compress = FALSE)
saveRDS(answers, "ascii.rds", ascii = TRUE, compress = FALSE)
saveRDS(structure(answers, class = c("tbl_df", "tbl", "data.frame")), "tibble.rds")
save(answers, file = "one.rda")
save(answers, file = "ascii.rda", ascii = TRUE)
other <- data.frame(x = 1:2)
save(answers, other, file = "two.rda")
saveRDS(data.frame(q = 1:2, q = 3:4, check.names = FALSE), "repeated.rds")
nested <- data.frame(id = 1:2)
nested$parts <- list(1:2, 3)
saveRDS(nested, "nested.rds")
left_out <- c(2, 4) # what remains of a data frame after two rows are taken out of it
others <- answers[-left_out, ]
rownames(others) <- NULL
for (name in setdiff(names(answers), "brand")) attributes(others[[name]]) <- attributes(answers[[name]])
lost <- setdiff(answers$brand, others$brand)
others$brand <- factor(others$brand, levels = setdiff(levels(answers$brand), lost))
saveRDS(others, "others.rds", version = 2)
local({
  answers <- others
  save(answers, file = "others.rda", version = 2)
})
named <- data.frame(id = 1:5, words = c("a", "b", "c", "d", "e"), row.names = paste("row", 1:5))
names(named$words) <- paste("cell", 1:5)
saveRDS(named, "named.rds", version = 2)
kept <- data.frame(id = named$id[-left_out], row.names = rownames(named)[-left_out])
kept$words <- named$words[-left_out]
saveRDS(kept, "named_others.rds", version = 2)
attr(named$words, "typed_by") <- paste("person", 1:5)
saveRDS(named, "noted.rds")
beside <- 1:5 + 0.5
save(answers, beside, file = "beside.rda")
# what remains of it without three of its columns
fewer <- answers[setdiff(names(answers), c("brand", "moment", "words"))]
saveRDS(fewer, "fewer.rds", version = 2)
local({
  answers <- fewer
  save(answers, file = "fewer.rda", version = 2)
})
as_text <- function(x) {
  text <- if (is.factor(x) || is.character(x) || is.logical(x)) as.character(x)
    else if (inherits(x, "Date")) format(x)
    else if (inherits(x, "POSIXct")) format(x, "%Y-%m-%d %H:%M:%S")
    else vapply(unclass(x), function(one) format(one, digits = 15), "")
  ifelse(is.na(x), NA, text)
}
writeLines(jsonlite::toJSON(lapply(answers, as_text), na = "null", pretty = TRUE), "output.json", useBytes = TRUE)
writeLines(c(R.version.string, paste("jsonlite", packageVersion("jsonlite"))), "versions.txt")
