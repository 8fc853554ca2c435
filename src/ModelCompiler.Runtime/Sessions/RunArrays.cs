namespace ModelCompiler.Runtime;

/// <summary>The names and values of one run, as the library takes them; an output that is 0 is made by the run.</summary>
internal readonly unsafe struct RunArrays
{
    public required byte** InputNames { get; init; }

    public required nint* Inputs { get; init; }

    public required int InputCount { get; init; }

    public required byte** OutputNames { get; init; }

    public required nint* Outputs { get; init; }

    public required int OutputCount { get; init; }
}
