"""What commands with many networks share: results under the hash of what decides them, workers, data sets, trainings."""
