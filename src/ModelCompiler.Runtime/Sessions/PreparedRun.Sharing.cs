namespace ModelCompiler.Runtime;

/// <summary>Values that a run shares with others: outputs that feed another run, and memory that it borrows.</summary>
public sealed unsafe partial class PreparedRun
{
    /// <summary>
    /// Lets another run read an output of this one as an input, where it is: from now on each run of this one sets the input. Nothing is copied; where both
    /// sessions have the tensor in the memory of the same device, it stays there, and this run cannot show it.
    /// </summary>
    /// <param name="output">The name of the output.</param>
    /// <param name="next">The run that reads it; for the same thread.</param>
    /// <param name="input">The name of its input.</param>
    /// <exception cref="TensorMismatchException">There is no such output or input, or they are not tensors of one type and shape.</exception>
    /// <exception cref="ArgumentException">A run cannot feed itself.</exception>
    public void Feed(string output, PreparedRun next, string input)
    {
        ArgumentNullException.ThrowIfNull(next);
        _gate.ThrowUnlessIdle(Owner);
        next._gate.ThrowUnlessIdle(next.Owner);
        if (next == this)
        {
            throw new ArgumentException("A run cannot read what it writes.", nameof(next));
        }

        var (from, to) = (IndexOf(TensorCheck.Output, output, Outputs), IndexOf(TensorCheck.Input, input, next.Inputs));
        TensorCheck.CheckFeeds(Outputs[from], next.Inputs[to]);
        using (_session.TakeTurn())
        {
            int declared = _session.Outputs.ToList().IndexOf(Outputs[from]);
            _outputs[from].Feed(next._inputs[to], _session.MemoryShared(declared, next._session, to));
            _deviceMemory[from] = _outputs[from].DeviceMemory;
            _binding ??= _deviceMemory[from] != 0 ? _session.CreateBinding() : null;
            _isInPlace &= _binding is null;
        }
    }

    /// <summary>Whether an output stays in the memory of a device (see <see cref="Feed"/>).</summary>
    public bool IsOnDevice(int output) => _deviceMemory[output] != 0;

    /// <summary>The memory of an input stays with its owner: until <see cref="GiveBack"/>, the run reads what <paramref name="value"/> holds.</summary>
    internal void BorrowInput(int index, nint value) => _inputs[index].Borrow(value);

    /// <summary>The run writes into <paramref name="value"/>; 0: into memory that the library makes.</summary>
    internal void BorrowOutput(int index, nint value)
    {
        if (value != 0)
        {
            _outputs[index].Borrow(value);
            return;
        }

        _outputs[index].MakeAnew();
        _isInPlace = false;
    }

    /// <summary>Takes the value that the library made for an output; 0 when it was written into a borrowed one.</summary>
    internal nint DetachOutput(int index) => _outputs[index].Detach();

    /// <summary>Ends all borrowing.</summary>
    internal void GiveBack()
    {
        foreach (var input in _inputs)
        {
            input.GiveBack();
        }

        foreach (var output in _outputs)
        {
            output.Borrow(0);
        }
    }

    private static int IndexOf(string kind, string name, IReadOnlyList<TensorInfo> tensors)
    {
        int index = tensors.ToList().FindIndex(tensor => tensor.Name == name);
        return index >= 0 ? index : throw TensorCheck.UnknownName(kind, name, tensors.Select(tensor => tensor.Name));
    }
}
