# Writes a data frame of R whose design columns are known by their labels only, and the sums of its columns.
# Run from this folder: Rscript reference.R
i <- 0:71
answers <- data.frame(
  a1 = 0.6 + 0.1 * (i %% 9), a2 = i %/% 9 + 1, a3 = 101 + i %/% 3, y = 1 + (7 * i) %% 5
)
for (k in 1:4) answers[[paste0("z", k)]] <- answers$a1 * 2 * ((i %/% 3 + i * k) %% 2)
labels <- c("Final survey weight", "Stratum of the sample", "Primary sampling unit", "I trust companies",
  paste("Replicate weight", 1:4))
for (k in seq_along(labels)) attr(answers[[k]], "label") <- labels[k]
saveRDS(answers, "design.rds")
lacking <- answers
lacking$a2[7:8] <- NA
lacking$a3[4] <- NA
lacking$z2[10] <- NA
saveRDS(lacking, "lacking.rds")
writeLines(jsonlite::toJSON(as.list(colSums(answers)), auto_unbox = TRUE, digits = 12, pretty = TRUE), "output.json")
writeLines(c(R.version.string, paste("jsonlite", packageVersion("jsonlite"))), "versions.txt")
