# Indices of careless responding as the R package careless computes them.
#
#   Rscript reference.R DIR [LIBRARY]
#
# DIR holds evenodd.R, irv.R, longstring.R, mahad.R, psychant.R and psychsyn.R of the package's repository
# (ryentes/careless on GitHub, the versions that versions.txt names); LIBRARY is where R finds psych, whose
# `outlier` careless::mahad calls. Writes complete.csv, missing.csv and careless.json here.

arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) > 1) .libPaths(c(arguments[2], .libPaths()))
for (file in c("evenodd.R", "irv.R", "longstring.R", "mahad.R", "psychsyn.R", "psychant.R")) {
  source(file.path(arguments[1], file))
}

# ---- synthetic answers: nobody gave them --------------------------------------------------------
set.seed(20261124)
sizes <- c(4, 5, 5, 6, 3, 7)
n <- 150
traits <- matrix(rnorm(n * length(sizes)), n)
true <- traits[, rep(seq_along(sizes), sizes)]
sign <- rep(1, sum(sizes))
sign[c(3, 7, 12, 17, 20, 29)] <- -1  # items worded against their scale
answers <- sweep(true, 2, sign, "*") + matrix(rnorm(n * sum(sizes), sd = .55), n)
answers <- pmin(pmax(round(3 + 1.1 * answers), 1), 5)
answers[1, ] <- 4                                                    # one answer throughout
answers[2, ] <- rep(1:5, length.out = sum(sizes))                    # a staircase
answers[3, ] <- sample(1:5, sum(sizes), replace = TRUE)              # chance
answers[4, ] <- sample(1:5, sum(sizes), replace = TRUE)
answers[5, ] <- c(rep(2, 18), answers[5, 19:30])                     # a long run
answers[7, ] <- 3                                                    # the middle, turned or not
complete <- as.data.frame(answers)
names(complete) <- sprintf("q%02d", seq_len(ncol(complete)))
missing <- complete
missing[matrix(runif(n * ncol(missing)) < .06, n)] <- NA
missing[6, 1:24] <- NA                                               # nearly nothing answered
missing[7, ] <- 3  # evenodd stops on missing halves unless somebody has constant ones: any(c(FALSE, NA)) is NA
write.csv(complete, "complete.csv", row.names = FALSE)
write.csv(missing, "missing.csv", row.names = FALSE, na = "")

# even-odd wants items turned towards their scale
keyed <- function(x) {
  x[, sign < 0] <- 6 - x[, sign < 0]
  x
}

indices <- function(x) {
  matrix_x <- as.matrix(x)
  eo <- suppressWarnings(evenodd(keyed(x), sizes, diag = TRUE))
  syn <- psychsyn(matrix_x, .60, diag = TRUE, resample_na = FALSE)
  ant <- psychsyn(matrix_x, -.60, anto = TRUE, diag = TRUE, resample_na = FALSE)
  pairs <- get_item_pairs(matrix_x, .60)
  anti <- get_item_pairs(matrix_x, .60, anto = TRUE)
  distance <- mahad(matrix_x, plot = FALSE)
  list(
    longstring = longstring(matrix_x),
    irv = as.numeric(irv(matrix_x)),
    irv_na_rm = as.numeric(apply(matrix_x, 1, sd, na.rm = TRUE)),  # base R: irv() gives NA
    even_odd = eo$eo_cor,
    even_odd_pairs = as.numeric(unlist(eo[1, -1])),
    psychsyn = syn$cor,
    psychsyn_pairs = syn$numPairs,
    psychant = ant$cor,
    psychant_pairs = ant$numPairs,
    pairs = paste(pairs[, 1], pairs[, 2]),
    antonym_pairs = paste(anti[, 1], anti[, 2]),
    mahalanobis = distance
  )
}

output <- list(sizes = sizes, reversed = which(sign < 0), complete = indices(complete), missing = indices(missing))
writeLines(jsonlite::toJSON(output, digits = 15, auto_unbox = FALSE, na = "null", pretty = TRUE), "careless.json")
