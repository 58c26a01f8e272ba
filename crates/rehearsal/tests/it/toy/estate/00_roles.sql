create role cms login;
