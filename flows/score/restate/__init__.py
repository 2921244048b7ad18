"""Why a unit's result differs between two publications of a year, split so that it adds up."""
