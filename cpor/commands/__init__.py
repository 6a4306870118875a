"""The commands: what they are called, what they ask for, how they answer. What they do stands
beside this folder.
"""
