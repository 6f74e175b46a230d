plantRace()
