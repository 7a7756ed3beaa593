"""Filing packets (立案材料): what counsel files for one case, filled from the ledger, with what is missing said and nothing invented."""
