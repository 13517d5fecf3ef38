"""The bureau's desk: what becomes of a night's flagged claims, from first review to the money that comes back.

Rooms without a database: `calendar` (working days), `site` (the desk's settings), `sampling` (draw, review, extrapolate),
`evidence` (a case as a signed package) and `exports` (a table as CSV, XLSX or Parquet).
"""
