"""The web pages for heads of sales and for managers. `README.md` tells the way of a request."""
