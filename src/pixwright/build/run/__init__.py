"""A recipe carried out: `engine` and `workers` make shards that survive any kill (`manifest`, `shard`), `report` and `browse` show them."""
