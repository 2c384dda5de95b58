# awk -f shared_start.awk CURVES: the runs of a seed share their first ten cells, so the curves of arms with as many runs
# begin alike, up to query 10 if these cells are all different. Ablations, which have commas in their names, have fewer runs.
BEGIN { FS = "\"" }
NR > 1 {
  arms += !known[$2]++
  split($3, figures, ",")
  if (figures[2] > 10) next
  ++compared
  place = ($2 ~ /,/) " " figures[2]
  if (!(place in first)) first[place] = $3
  if ($3 != first[place]) {
    print "expected " first[place] " of " $2 " as of the arms before, got " $3
    exit 1
  }
}
END { if (arms < 2 || compared != 10 * arms) exit 1 }
