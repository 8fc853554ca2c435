using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>One run of a session on values that are given by name, which are copied in and out.</summary>
internal static unsafe class NamedRun
{
    /// <inheritdoc cref="InferenceSession.Run(IReadOnlyList{ValueTuple{string, TensorBuffer}}, IReadOnlyList{string}?, CancellationToken)"/>
    public static TensorBuffer[] OnTensors(
        InferenceSession session, IReadOnlyList<(string Name, TensorBuffer Value)> inputs, IReadOnlyList<string> outputs, CancellationToken cancellationToken)
    {
        foreach (string name in outputs)
        {
            if (session.FindOutput(name) is { Kind: not ValueKind.Tensor } output)
            {
                throw new TensorMismatchException(TensorCheck.Output, name, $"a tensor (use {nameof(InferenceSession.RunValues)} for others)", output.ToString());
            }
        }

        foreach (var (name, value) in inputs)
        {
            ArgumentNullException.ThrowIfNull(value, name);
        }

        var values = OnValues(session, [.. inputs.Select(input => (input.Name, (ModelValue)input.Value))], outputs, cancellationToken);
        return Array.ConvertAll(values, value => value.AsTensor());
    }

    /// <inheritdoc cref="InferenceSession.RunValues"/>
    public static ModelValue[] OnValues(
        InferenceSession session, IReadOnlyList<(string Name, ModelValue Value)> inputs, IReadOnlyList<string> outputs, CancellationToken cancellationToken)
    {
        CheckNames(session, inputs, outputs);
        using var lease = session.Lease();
        using var inputNames = new NativeTextArray([.. inputs.Select(input => input.Name)]);
        using var outputNames = new NativeTextArray(outputs);
        using var values = new InputValues(session.Environment, inputs);
        var results = new nint[outputs.Count];
        fixed (nint* inputPointers = values.Pointers)
        fixed (nint* outputPointers = results)
        {
            var arrays = new RunArrays
            {
                InputNames = inputNames.Pointers,
                Inputs = inputPointers,
                InputCount = inputs.Count,
                OutputNames = outputNames.Pointers,
                Outputs = outputPointers,
                OutputCount = results.Length,
            };
            session.Run(arrays, null, [], isHeld: false, cancellationToken);
        }

        return Read(session.Environment.Api, results, outputs);
    }

    private static ModelValue[] Read(OrtApi api, nint[] results, IReadOnlyList<string> names)
    {
        OrtHandle[] owned = Array.ConvertAll(results, result => new OrtHandle(api, result, OrtFunction.ReleaseValue));
        try
        {
            return [.. owned.Select((value, i) => ValueReader.Read(api, names[i], value.Value))];
        }
        finally
        {
            Array.ForEach(owned, value => value.Dispose());
        }
    }

    private static void CheckNames(InferenceSession session, IReadOnlyList<(string Name, ModelValue Value)> inputs, IReadOnlyList<string> outputs)
    {
        var given = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, value) in inputs)
        {
            ArgumentNullException.ThrowIfNull(name);
            ArgumentNullException.ThrowIfNull(value, name);
            var declared = session.FindInput(name);
            if (!given.Add(name))
            {
                throw new TensorMismatchException(TensorCheck.Input, name, "one value", "a second one");
            }

            TensorCheck.Check(declared, value);
        }

        if (session.Inputs.FirstOrDefault(input => input.Kind != ValueKind.Optional && !given.Contains(input.Name)) is { } missing)
        {
            throw new TensorMismatchException(TensorCheck.Input, missing.Name, missing.ToString(), "nothing");
        }

        foreach (string name in outputs)
        {
            session.FindOutput(name);
        }
    }
}
