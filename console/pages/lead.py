"""`/lead`: why a client is with whom."""

from console.database import Role
from console.page import Page
from console.pages import my_lead

PAGE = Page("/lead", (Role.MANAGER,), my_lead.get)
