using System.Runtime.InteropServices;
using System.Text;
using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime.Tests.Native;

/// <summary>
/// The real function table behind a layer that counts what is made and released, and lets the k-th call fail. Any slot
/// can be forwarded as eight pointer-sized arguments, because the caller clears the stack and no function takes floats.
/// </summary>
internal sealed unsafe class CountingApi : IDisposable
{
    private const int Slots = 391;

    private static readonly OrtFunction[] NotFailing =
    [
        OrtFunction.CreateStatus, OrtFunction.GetErrorCode, OrtFunction.GetErrorMessage, OrtFunction.GetBuildInfoString, OrtFunction.TensorTypeAndShapeHasShape,
        // These return nothing.
        OrtFunction.MemoryInfoGetDeviceType, OrtFunction.ClearBoundInputs, OrtFunction.ClearBoundOutputs,
        // This returns a text.
        OrtFunction.GetKeyValue,
        // A failed free of a name has nothing to undo.
        OrtFunction.AllocatorFree,
    ];

    /// <summary>What each function makes, by the slot that releases it.</summary>
    private static readonly Dictionary<OrtFunction, OrtFunction> Makers = new()
    {
        [OrtFunction.CreateEnvWithCustomLogger] = OrtFunction.ReleaseEnv,
        [OrtFunction.CreateCpuMemoryInfo] = OrtFunction.ReleaseMemoryInfo,
        [OrtFunction.CreateSessionOptions] = OrtFunction.ReleaseSessionOptions,
        [OrtFunction.CreateSessionFromArray] = OrtFunction.ReleaseSession,
        [OrtFunction.CreateMemoryInfo] = OrtFunction.ReleaseMemoryInfo,
        [OrtFunction.CreateAllocator] = OrtFunction.ReleaseAllocator,
        [OrtFunction.CreateIoBinding] = OrtFunction.ReleaseIoBinding,
        [OrtFunction.CreateRunOptions] = OrtFunction.ReleaseRunOptions,
        [OrtFunction.SessionGetInputTypeInfo] = OrtFunction.ReleaseTypeInfo,
        [OrtFunction.SessionGetOutputTypeInfo] = OrtFunction.ReleaseTypeInfo,
        [OrtFunction.GetSequenceElementType] = OrtFunction.ReleaseTypeInfo,
        [OrtFunction.GetTensorTypeAndShape] = OrtFunction.ReleaseTensorTypeAndShapeInfo,
        [OrtFunction.CreateTensorAsOrtValue] = OrtFunction.ReleaseValue,
        [OrtFunction.CreateTensorWithDataAsOrtValue] = OrtFunction.ReleaseValue,
        [OrtFunction.AllocatorGetStats] = OrtFunction.ReleaseKeyValuePairs,
        [OrtFunction.CreateValue] = OrtFunction.ReleaseValue,
        [OrtFunction.GetValue] = OrtFunction.ReleaseValue,
    };

    private readonly nint* _table = (nint*)NativeMemory.AllocZeroed(Slots, (nuint)sizeof(nint));
    private readonly List<Delegate> _roots = [];
    private readonly Dictionary<OrtFunction, int> _alive = [];
    private readonly Lock _gate = new();
    private readonly nint* _real;
    private readonly int _failAt;
    private (OrtFunction Function, OrtErrorCode Code, string Message)? _next;

    /// <param name="real">The real table.</param>
    /// <param name="failAt">Which call fails, from 1; 0 for none.</param>
    public CountingApi(nint* real, int failAt)
    {
        _real = real;
        _failAt = failAt;
        foreach (var function in Enum.GetValues<OrtFunction>())
        {
            bool isRelease = function.ToString().StartsWith("Release", StringComparison.Ordinal) && function != OrtFunction.ReleaseAvailableProviders;
            nint target = real[(int)function];
            _table[(int)function] = isRelease ? Root(new Release(value => OnRelease(function, target, value)))
                : NotFailing.Contains(function) ? target
                : Root(new Call((a, b, c, d, e, f, g, h) => OnCall(function, target, a, b, c, d, e, f, g, h)));
        }

        Api = new OrtApi(_table, 24);
    }

    private delegate nint Call(nint a, nint b, nint c, nint d, nint e, nint f, nint g, nint h);

    private delegate void Release(nint value);

    public OrtApi Api { get; }

    /// <summary>Calls that could have failed, so far.</summary>
    public int Calls { get; private set; }

    /// <summary>Objects that are made and not released, by the slot that releases them; negative where one was released twice.</summary>
    public IReadOnlyDictionary<OrtFunction, int> Alive => _alive.Where(pair => pair.Value != 0).ToDictionary();

    /// <summary>Lets the next call of a function fail, as a provider would.</summary>
    public void FailNext(OrtFunction function, OrtErrorCode code, string message) => _next = (function, code, message);

    public void Dispose()
    {
        GC.KeepAlive(_roots);
        NativeMemory.Free(_table);
    }

    private nint Root(Delegate function)
    {
        _roots.Add(function);
        return Marshal.GetFunctionPointerForDelegate(function);
    }

    private nint OnCall(OrtFunction function, nint target, nint a, nint b, nint c, nint d, nint e, nint f, nint g, nint h)
    {
        lock (_gate)
        {
            if (++Calls == _failAt)
            {
                return Fail(OrtErrorCode.Fail, "injected");
            }

            if (_next is { } next && next.Function == function)
            {
                _next = null;
                return Fail(next.Code, next.Message);
            }
        }

        nint[] before = function == OrtFunction.Run ? Outputs(g, h) : [];
        nint status = ((delegate* unmanaged<nint, nint, nint, nint, nint, nint, nint, nint, nint>)target)(a, b, c, d, e, f, g, h);
        if (status != 0)
        {
            Count(OrtFunction.ReleaseStatus, 1);
        }
        else if (Makers.TryGetValue(function, out var release))
        {
            Count(release, 1);
        }
        else if (function == OrtFunction.Run)
        {
            Count(OrtFunction.ReleaseValue, Outputs(g, h).Zip(before).Count(pair => pair.First != pair.Second));
        }

        return status;
    }

    private static nint[] Outputs(nint count, nint outputs) => new ReadOnlySpan<nint>((void*)outputs, (int)count).ToArray();

    private void OnRelease(OrtFunction function, nint target, nint value)
    {
        Count(function, -1);
        ((delegate* unmanaged<nint, void>)target)(value);
    }

    private nint Fail(OrtErrorCode code, string text)
    {
        Count(OrtFunction.ReleaseStatus, 1);
        fixed (byte* message = Encoding.UTF8.GetBytes(text + '\0'))
        {
            return ((delegate* unmanaged<int, byte*, nint>)_real[(int)OrtFunction.CreateStatus])((int)code, message);
        }
    }

    private void Count(OrtFunction release, int change)
    {
        lock (_gate)
        {
            _alive[release] = _alive.GetValueOrDefault(release) + change;
        }
    }
}
